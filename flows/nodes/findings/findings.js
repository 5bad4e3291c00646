import findings from './findings.ts';

export default findings;
