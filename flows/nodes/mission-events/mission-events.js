import missionEvents from './mission-events.ts';

export default missionEvents;
