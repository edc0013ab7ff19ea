/** `pg` ships no types; this is all of it that is used beside Sequelize. */
declare module 'pg' {
  const pg: { types: { setTypeParser(oid: number, parse: (text: string) => unknown): void } };
  export default pg;
}
