/** The migrated database that each database test file copies. */
export const TEMPLATE = "template_test";

/** Returns the address of another database on the same server. */
export function databaseUrl(url: string, database: string): string {
  const address = new URL(url);
  address.pathname = `/${database}`;
  return address.href;
}
