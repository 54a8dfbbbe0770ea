"""The listener's library at Spotify: playlists, read page by page, planned, written, restored.

Add here what asks Spotify for a playlist or writes one, and what is kept of that. What follows from
the items is `listening/playlists/` and the insights; what is sent, and when it is repeated, is
`resources/spotify/`.
"""
