const columnOf = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * Returns a select list that names each column as `schema.prisma` does, so that SQL returns the same rows as Prisma:
 * `r.app_id AS "appId", r.number AS "number"`.
 *
 * @param fields as in Prisma's `select`
 */
export const columns = (fields: Readonly<Record<string, true>>, table: string): string =>
  Object.keys(fields)
    .map((field) => `${table}.${columnOf(field)} AS "${field}"`)
    .join(", ");
