import { scenarios } from './stand.ts';

scenarios('MLflow’s client keeps artifacts; the protocol itself', ['artifact', 'wire']);
