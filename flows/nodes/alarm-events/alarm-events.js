import alarmEvents from './alarm-events.ts';

export default alarmEvents;
