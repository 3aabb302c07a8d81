import { OapiRefusal } from "./refusal";

/** Query and body parameters of a call; the body wins. Numbers may be text, from form bodies. */
export type Parameters = ReadonlyMap<string, unknown>;

export function findText(parameters: Parameters, name: string): string | null {
  const value = parameters.get(name);
  if (value === undefined || value === null || value === "") return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** @throws {OapiRefusal} 40035 missing parameter */
export function requireText(parameters: Parameters, name: string): string {
  const value = findText(parameters, name);
  if (value === null) throw new OapiRefusal(40035, `不合法的参数，缺少参数 ${name}`);
  return value;
}

/** @throws {OapiRefusal} 400002 not an integer */
export function findInteger(parameters: Parameters, name: string): number | null {
  const text = findText(parameters, name);
  if (text === null) return null;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new OapiRefusal(400002, `无效的参数: ${name}`);
  return value;
}

/** @throws {OapiRefusal} 40035 missing parameter, 400002 not an integer */
export function requireInteger(parameters: Parameters, name: string): number {
  requireText(parameters, name);
  return findInteger(parameters, name) ?? 0;
}

/** @throws {OapiRefusal} 400002 neither true nor false */
export function findBoolean(parameters: Parameters, name: string): boolean | null {
  const text = findText(parameters, name);
  if (text === null) return null;
  if (text !== "true" && text !== "false") throw new OapiRefusal(400002, `无效的参数: ${name}`);
  return text === "true";
}
