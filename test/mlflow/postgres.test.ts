import { scenarios } from './stand.ts';

// What differs between the engines is how they are searched, written and locked; artifacts and libraries are the same on both.
scenarios('MLflow’s client on PostgreSQL', ['experiment', 'run', 'metric', 'search_run', 'model', 'registry', 'together'], 'postgres');
