/** Names that the resolver fills in (harness/run/resolver.ts). */
declare module '#suite' {}
declare module '#remote' {}
declare module '#program' {
  const text: string;
  export default text;
}
declare module '#performance' {
  const metrics: import('../../kit/performance.ts').Metric[];
  export default metrics;
}
declare module '#performance?reference' {
  const metrics: import('../../kit/performance.ts').Metric[];
  export default metrics;
}
