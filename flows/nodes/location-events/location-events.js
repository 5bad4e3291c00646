import locationEvents from './location-events.ts';

export default locationEvents;
