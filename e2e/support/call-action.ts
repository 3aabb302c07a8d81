import type { Page } from "@playwright/test";

type Answer = { readonly status: number; readonly state: unknown };

/**
 * Calls a server action the way an attacker would: no page, no form, any arguments. The body is what React's
 * `encodeReply` writes for `[organization, previousState, form]`.
 *
 * @param page a browser whose cookies are sent
 */
export async function callAction(
  page: Page,
  action: { readonly id: string; readonly path: string },
  args: { readonly organization?: string; readonly form: Readonly<Record<string, string>> },
): Promise<Answer> {
  const origin = new URL(page.url()).origin;
  const leading = args.organization === undefined ? [] : [args.organization];
  const multipart: Record<string, string> = { "0": JSON.stringify([...leading, { status: "idle" }, "$K1"]) };
  for (const [name, value] of Object.entries(args.form)) multipart[`1_${name}`] = value;
  const response = await page.request.post(origin + action.path, {
    headers: { "next-action": action.id, accept: "text/x-component", origin },
    multipart,
    maxRedirects: 0,
  });
  const text = await response.text();
  const line = text.split("\n").find((part) => /^\d+:\{"status":/.test(part));
  return {
    status: response.status(),
    state: line ? JSON.parse(line.slice(line.indexOf(":") + 1)) : text.slice(0, 200),
  };
}
