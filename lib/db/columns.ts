const columnOf = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Returns a select list with Prisma's field names: `r.app_id AS "appId", r.number AS "number"`. */
export const columns = (fields: Readonly<Record<string, true>>, table: string): string =>
  Object.keys(fields)
    .map((field) => `${table}.${columnOf(field)} AS "${field}"`)
    .join(", ");
