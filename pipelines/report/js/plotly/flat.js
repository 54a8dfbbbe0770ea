// Of Plotly what the charts of the report draw with, and nothing else: all of it would be four fifths
// of the page. A chart of another kind needs its trace here, or one of a survey in space.js.

import bar from 'plotly.js/lib/bar';
import heatmap from 'plotly.js/lib/heatmap';
import sankey from 'plotly.js/lib/sankey';
import scatterpolar from 'plotly.js/lib/scatterpolar';
import violin from 'plotly.js/lib/violin';
import { plotlyWith } from './core.js';

globalThis.Plotly = plotlyWith([bar, heatmap, sankey, scatterpolar, violin]);
