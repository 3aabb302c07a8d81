import { readFileSync } from "node:fs";
import ts from "typescript";
import type { Mutant } from "./mutant";

/** Operators, and what each is replaced by. */
const OPERATORS: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.LessThanToken, "<="],
  [ts.SyntaxKind.LessThanEqualsToken, "<"],
  [ts.SyntaxKind.GreaterThanToken, ">="],
  [ts.SyntaxKind.GreaterThanEqualsToken, ">"],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, "!=="],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, "==="],
  [ts.SyntaxKind.AmpersandAmpersandToken, "||"],
  [ts.SyntaxKind.BarBarToken, "&&"],
  [ts.SyntaxKind.PlusToken, "-"],
  [ts.SyntaxKind.MinusToken, "+"],
  [ts.SyntaxKind.AsteriskToken, "/"],
  [ts.SyntaxKind.SlashToken, "*"],
]);

type Change = { readonly start: number; readonly end: number; readonly replacement: string };

const isText = (node: ts.Expression): boolean =>
  ts.isStringLiteralLike(node) ||
  ts.isTemplateExpression(node) ||
  (ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right)));

/** The mutant of one node, if there is one. Types and texts that are joined have none. */
function changeOf(node: ts.Node): (Omit<Change, "start" | "end"> & { readonly at: ts.Node }) | null {
  if (ts.isBinaryExpression(node)) {
    const replacement = OPERATORS.get(node.operatorToken.kind);
    const isJoin = node.operatorToken.kind === ts.SyntaxKind.PlusToken && isText(node);
    return replacement === undefined || isJoin ? null : { at: node.operatorToken, replacement };
  }
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
    return { at: node, replacement: node.operand.getText() };
  if (node.kind === ts.SyntaxKind.TrueKeyword) return { at: node, replacement: "false" };
  if (node.kind === ts.SyntaxKind.FalseKeyword) return { at: node, replacement: "true" };
  return null;
}

function changesIn(source: ts.SourceFile): Change[] {
  const changes: Change[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isTypeAliasDeclaration(node)) return;
    const change = changeOf(node);
    if (change)
      changes.push({ start: change.at.getStart(), end: change.at.getEnd(), replacement: change.replacement });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return changes;
}

/** Grows the changed part until it occurs once in the file. */
function unique(text: string, { start, end, replacement }: Change): Pick<Mutant, "text" | "replacement"> {
  for (let around = 0; ; around += 1) {
    const [from, to] = [Math.max(0, start - around), Math.min(text.length, end + around)];
    const part = text.slice(from, to);
    if (text.indexOf(part) === text.lastIndexOf(part))
      return { text: part, replacement: text.slice(from, start) + replacement + text.slice(end, to) };
  }
}

/** Returns a mutant for each comparison, condition, arithmetic operator and boolean of a file. */
export function generateMutants(file: string, tests: readonly string[]): Mutant[] {
  const text = readFileSync(file, "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return changesIn(source).map((change) => {
    const { line } = source.getLineAndCharacterOfPosition(change.start);
    const before = text.slice(change.start, change.end);
    return {
      file,
      ...unique(text, change),
      harm: `line ${line + 1}: \`${before}\` is \`${change.replacement}\``,
      tests,
    };
  });
}
