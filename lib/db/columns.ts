const columnOf = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * The columns of a table, each under the name of its field in `schema.prisma`, for SQL that gives what Prisma would:
 * `r.app_id AS "appId", r.number AS "number"`.
 *
 * @param fields as in Prisma's `select`
 */
export const columns = (fields: Readonly<Record<string, true>>, table: string): string =>
  Object.keys(fields)
    .map((field) => `${table}.${columnOf(field)} AS "${field}"`)
    .join(", ");
