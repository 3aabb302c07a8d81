/**
 * Tells the simulator something, or asks it: `control(url, "POST faults", {…})`. The routes are in
 * `simulator/control-routes.ts`.
 *
 * @throws {Error} with what the simulator says to a wrong input
 */
export async function control<T = unknown>(url: string, route: string, body?: unknown): Promise<T> {
  const [method = "GET", path = ""] = route.split(" ");
  const response = await fetch(`${url}/_control/${path}`, {
    method,
    ...(body !== undefined && {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  });
  if (!response.ok) throw new Error(`the simulator refused ${route}: ${await response.text()}`);
  return (await response.json()) as T;
}
