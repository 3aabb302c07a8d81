/** The migrated database that each database test file copies. */
export const TEMPLATE = "template_test";

/** The address of another database of the same server. */
export function databaseUrl(url: string, database: string): string {
  const address = new URL(url);
  address.pathname = `/${database}`;
  return address.href;
}
