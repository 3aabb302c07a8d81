/** Matches the start of a scope: a statement, a subquery or one side of a UNION. */
const SCOPE = /^\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE|MERGE|VALUES)\b/i;
const COMPARED =
  /organization_id"?\)?\s*(?:=|IN\b|IS\b|,[^()]*\)\s*(?:=|IN\b))|=\s*[\w".]*organization_id\b|\bUSING\s*\([^()]*organization_id/i;
const INSERTED = /\bINSERT\s+INTO\s+[\w".]+(?:\s+AS\s+\w+)?\s*\([^()]*\borganization_id\b/i;

/** Splits a statement into its scopes. Parentheses without a subquery stay in the outer scope. */
function scopesOf(statement: string): string[] {
  const scopes: string[] = [];
  /** Texts of the open parentheses, outermost first. */
  const open = [""];
  const plain = statement.replace(/'(?:[^']|'')*'/g, "''").replace(/--.*$/gm, "");
  for (const character of plain) {
    if (character === "(") open.push("");
    else if (character === ")" && open.length > 1) {
      const [inner = "", outer = ""] = [open.pop(), open.pop()];
      if (SCOPE.test(inner)) scopes.push(inner);
      open.push(outer + (SCOPE.test(inner) ? "(…)" : `(${inner})`));
    } else open.push(`${open.pop()}${character}`);
  }
  scopes.push(open.join(""));
  return scopes.flatMap((scope) => scope.split(/\b(?:UNION(?:\s+ALL)?|EXCEPT|INTERSECT)\b|;/i));
}

/**
 * Returns the tenants' tables that a statement uses without naming the organization in the same scope. Row security hides
 * such a gap from every other test.
 */
export function tablesWithoutOrganization(statement: string, tables: readonly string[]): string[] {
  const names = tables.join("|");
  const reference = new RegExp(
    `\\b(?:FROM|JOIN|UPDATE|INTO|USING)\\s+(?:ONLY\\s+)?(?:"?public"?\\.)?"?(${names})"?(?![\\w"])`,
    "gi",
  );
  return scopesOf(statement).flatMap((scope) => {
    if (COMPARED.test(scope) || INSERTED.test(scope)) return [];
    return [...scope.matchAll(reference)].map(([, table = ""]) => table);
  });
}
