import markBed from './mark-bed.ts';

export default markBed;
