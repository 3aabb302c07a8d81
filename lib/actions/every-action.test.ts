import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const MAKERS = new Set(["defineAction", "defineUserAction", "definePublicAction"]);
/** Actions that need no session. Each limits its own rate. Extend the list only on purpose. */
const PUBLIC = ["setPasswordAction", "signUpAction"];
/** Matches actions and permissions that must ask for the password again (S10). */
const DANGEROUS = /delete|secret|ticket|key|decide|guard|(change|create)Webhook/i;

/** The permission of each action in an organization. Change a row only on purpose. */
const PERMISSIONS = {
  cancelSyncAction: "directory.sync",
  changeAppAction: "app.change",
  checkAgainAction: "directory.sync",
  connectAppAction: "app.connect",
  createKeyAction: "key.manage",
  decideRunAction: "directory.decide",
  deleteAppAction: "app.delete",
  deleteOrganizationAction: "organization.delete",
  directorySettingsAction: "app.change",
  disableAppAction: "app.change",
  enableAppAction: "app.change",
  keepsPersonalAction: "organization.setPersonal",
  mappingAction: "app.change",
  releaseKeptAction: "directory.decide",
  renameOrganizationAction: "organization.rename",
  replaceSecretAction: "app.change",
  replaceTicketAction: "app.change",
  setUpAction: "app.change",
  chooseWayAction: "app.change",
  rotateSecretAction: "app.change",
  registerAction: "app.change",
  reprocessAction: "directory.sync",
  reprocessSinceAction: "directory.sync",
  restoreAction: "directory.decide",
  retestAppAction: "app.change",
  retryNowAction: "app.change",
  revokeKeyAction: "key.manage",
  markNoticesSeenAction: "app.read",
  setTimeZoneAction: "organization.setTimeZone",
  startSyncAction: "directory.sync",
  testConnectionAction: "app.connect",
  changeWebhookAction: "webhook.manage",
  createWebhookAction: "webhook.manage",
  deleteWebhookAction: "webhook.manage",
  disableWebhookAction: "webhook.manage",
  enableWebhookAction: "webhook.manage",
  resendEventAction: "webhook.manage",
  resendSinceAction: "webhook.manage",
  rotateWebhookSecretAction: "webhook.manage",
  testWebhookAction: "webhook.manage",
};

type Action = { readonly path: string; readonly name: string; readonly text: string; readonly maker: string };

const sources = ["app", "lib"].flatMap((folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => ({ path, text: readFileSync(path, "utf8") })),
);

const DIRECTIVE = /^\s*["']use server["']/m;
const actionFiles = sources.filter(({ text }) => DIRECTIVE.test(text));

const parse = (path: string, text: string) => ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);

const isDirective = (statement: ts.Statement | undefined) =>
  statement !== undefined &&
  ts.isExpressionStatement(statement) &&
  ts.isStringLiteral(statement.expression) &&
  statement.expression.text === "use server";

/** Lists a module's exports with the function that made each; `maker` is empty for exports that no call made. */
function actionsOf(path: string, text: string): Action[] {
  const source = parse(path, text);
  const isExported = (statement: ts.Statement) =>
    ts.isExportDeclaration(statement) ||
    ts.isExportAssignment(statement) ||
    (ts.canHaveModifiers(statement) &&
      (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword));
  return source.statements.filter(isExported).flatMap((statement): Action[] => {
    if (!ts.isVariableStatement(statement))
      return [{ path, name: statement.getText(source).slice(0, 60), text: "", maker: "" }];
    return statement.declarationList.declarations.map((declaration) => {
      const made = declaration.initializer;
      const isCall = made !== undefined && ts.isCallExpression(made);
      return {
        path,
        name: declaration.name.getText(source),
        text: isCall ? (made.arguments[0]?.getText(source) ?? "") : "",
        maker: isCall ? made.expression.getText(source) : "",
      };
    });
  });
}

const permissionOf = ({ text }: Action) => /permission: "([\w.]+)"/.exec(text)?.[1];

const actions = actionFiles.flatMap(({ path, text }) => actionsOf(path, text));

describe("S4 every server action", () => {
  test("finds actions in every form of export", () => {
    expect(actions.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["signUpAction", "changePasswordAction", "deleteOrganizationAction"]),
    );
    const forms = "export const a = defineAction({}, f), b = f; export async function c() {} export { d };";
    expect(actionsOf("x.ts", forms).map(({ maker }) => maker)).toEqual(["defineAction", "", "", ""]);
  });

  test("every action calls defineAction, defineUserAction or definePublicAction", () => {
    expect(actions.filter(({ maker }) => !MAKERS.has(maker))).toEqual([]);
  });

  test("no component defines an action, because that action would capture its variables", () => {
    const inside = actionFiles.filter(({ path, text }) => !isDirective(parse(path, text).statements[0]));
    expect(inside.map(({ path }) => path)).toEqual([]);
  });

  test("every action that isn't listed as public requires a session", () => {
    const open = actions.filter(({ maker }) => maker === "definePublicAction").map(({ name }) => name);
    expect(open.sort()).toEqual(PUBLIC);
  });

  test("every action requires the permission that is listed for its name", () => {
    const inOrganizations = actions.filter(({ maker }) => maker === "defineAction");
    expect(Object.fromEntries(inOrganizations.map((action) => [action.name, permissionOf(action)]))).toEqual(
      PERMISSIONS,
    );
  });

  test("S10 every action that deletes or changes a secret, a key or a guard asks for the password again", () => {
    // Revoking a key is exempt because it must be quick.
    const candidates = actions.filter(({ name }) => name !== "revokeKeyAction");
    const dangerous = candidates.filter((action) => DANGEROUS.test(`${action.name} ${permissionOf(action)}`));
    expect(dangerous.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "deleteOrganizationAction",
        "deleteAppAction",
        "replaceSecretAction",
        "createKeyAction",
      ]),
    );
    expect(dangerous.filter(({ text }) => !text.includes("isDangerous: true"))).toEqual([]);
  });

  test("S12 no action takes its organization from its form", () => {
    const schemas = sources.filter(({ path }) => path.endsWith("schema.ts"));
    expect(schemas.length).toBeGreaterThan(1);
    const offenders = schemas.filter(({ text }) => /organizationId|organization_id/.test(text));
    expect(offenders.map(({ path }) => path)).toEqual([]);
  });
});
