import { scenarios } from './stand.ts';

scenarios('MLflow’s client does what else scripts call', ['fluent']);
