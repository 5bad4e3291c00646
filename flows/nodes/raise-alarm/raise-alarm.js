import raiseAlarm from './raise-alarm.ts';

export default raiseAlarm;
