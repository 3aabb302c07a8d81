/**
 * A column whose values are sealed. `table`, `column` and the text of `row` are the parts of their `SealContext`, so what is
 * sealed somewhere else than it lies can't be kept here, and a rotation would not find it.
 */
export type SealedPlace = {
  readonly table: string;
  readonly column: string;
  /** The column that with `organization_id` is the table's key. */
  readonly row: string;
  readonly rowType: "uuid" | "text" | "bigint";
};

/** Every one there is. A test compares it with the schema: a new sealed column is a line here. */
export const SEALED_PLACES: readonly SealedPlace[] = [
  { table: "dingtalk_app", column: "sealed_secret", row: "id", rowType: "uuid" },
  { table: "dingtalk_app", column: "sealed_suite_ticket", row: "id", rowType: "uuid" },
  { table: "app_token", column: "sealed_token", row: "app_id", rowType: "uuid" },
  { table: "jsapi_ticket", column: "sealed_ticket", row: "app_id", rowType: "uuid" },
  { table: "directory", column: "sealed_fingerprint_key", row: "app_id", rowType: "uuid" },
  { table: "member_personal", column: "sealed_values", row: "id", rowType: "uuid" },
  { table: "idempotent_answer", column: "sealed_answer", row: "id", rowType: "uuid" },
];
