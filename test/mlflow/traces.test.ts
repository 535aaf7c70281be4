import { scenarios } from './stand.ts';

scenarios('MLflow’s client traces programs', ['trace', 'trace_search', 'assessment']);
