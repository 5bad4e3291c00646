import dispatchRobot from './dispatch-robot.ts';

export default dispatchRobot;
