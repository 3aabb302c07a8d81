/** A column of sealed values. `table`, `column` and `row` form the `SealContext` of its values. */
export type SealedColumn = {
  readonly table: string;
  readonly column: string;
  /** The column that forms the table's key with `organization_id`. */
  readonly row: string;
  readonly rowType: "uuid" | "text" | "bigint";
};

/** All sealed columns. A test compares the list with the schema. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: "dingtalk_app", column: "sealed_secret", row: "id", rowType: "uuid" },
  { table: "dingtalk_app", column: "sealed_suite_ticket", row: "id", rowType: "uuid" },
  { table: "app_token", column: "sealed_token", row: "app_id", rowType: "uuid" },
  { table: "jsapi_ticket", column: "sealed_ticket", row: "app_id", rowType: "uuid" },
  { table: "directory", column: "sealed_fingerprint_key", row: "app_id", rowType: "uuid" },
  { table: "member_personal", column: "sealed_values", row: "id", rowType: "uuid" },
  { table: "callback_secret", column: "sealed_value", row: "id", rowType: "uuid" },
  { table: "dingtalk_event", column: "sealed_payload", row: "id", rowType: "uuid" },
  { table: "webhook_endpoint", column: "sealed_url", row: "id", rowType: "uuid" },
  { table: "webhook_endpoint", column: "sealed_secret", row: "id", rowType: "uuid" },
  { table: "webhook_endpoint", column: "sealed_previous_secret", row: "id", rowType: "uuid" },
  { table: "webhook_attempt", column: "sealed_answer", row: "id", rowType: "uuid" },
  { table: "idempotent_answer", column: "sealed_answer", row: "id", rowType: "uuid" },
];
