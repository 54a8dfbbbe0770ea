// Of Plotly what the charts of a survey draw with, in three dimensions too. Those of the report are
// in flat.js.

import bar from 'plotly.js/lib/bar';
import heatmap from 'plotly.js/lib/heatmap';
import scatter3d from 'plotly.js/lib/scatter3d';
import { plotlyWith } from './core.js';

globalThis.Plotly = plotlyWith([bar, heatmap, scatter3d]);
