/** Names that the resolver fills in (harness/run/resolver.ts). */
declare module '#suite' {}
declare module '#performance' {
  const metrics: import('../../kit/performance.ts').Metric[];
  export default metrics;
}
declare module '#performance?reference' {
  const metrics: import('../../kit/performance.ts').Metric[];
  export default metrics;
}
