import { streamDepartmentsContract } from "@/lib/api/departments";
import { openDepartmentsStream } from "@/lib/directory/tree/departments-stream";
import { defineRoute } from "@/lib/http/define-route";
import { lineStream } from "@/lib/http/line-stream";

export const GET = defineRoute(
  streamDepartmentsContract,
  async ({ actor, params: { appId }, signal, confirm }) => {
    const { batches, leave } = await openDepartmentsStream(actor, appId, confirm);
    return lineStream(batches, { signal, leave });
  },
);
