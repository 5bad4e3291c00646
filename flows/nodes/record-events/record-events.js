import recordEvents from './record-events.ts';

export default recordEvents;
