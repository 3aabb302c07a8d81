import "server-only";
import { listDepartments } from "@/lib/directory/tree/list-departments";
import type { CallOf } from "./call";
import type { listDepartmentsContract } from "./departments";

export async function answerDepartments({
  actor,
  params: { appId },
  query,
}: CallOf<typeof listDepartmentsContract>) {
  const { departments, nextCursor } = await listDepartments(actor, appId, query);
  return { departments: [...departments], nextCursor };
}
