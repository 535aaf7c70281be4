import { scenarios } from './stand.ts';

scenarios('MLflow’s client trains: models, autologging, many writers', ['model', 'autolog', 'together']);
