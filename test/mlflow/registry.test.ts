import { scenarios } from './stand.ts';

scenarios('MLflow’s client keeps models in the registry', ['registry']);
