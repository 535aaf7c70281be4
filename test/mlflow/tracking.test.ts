import { scenarios } from './stand.ts';

scenarios('MLflow’s client tracks experiments and runs', ['experiment', 'run', 'metric', 'search_run']);
