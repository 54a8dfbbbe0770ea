-- Both scopes; none if nothing was played.
SELECT unnest(['all', 'mine']::whose[]) AS scope WHERE EXISTS (FROM labelled_plays)
