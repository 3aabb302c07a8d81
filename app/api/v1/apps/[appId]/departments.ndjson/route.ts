import { streamDepartmentsContract } from "@/lib/api/departments";
import { openStream } from "@/lib/directory/stream-limit";
import { streamDepartments } from "@/lib/directory/tree/list-departments";
import { defineRoute } from "@/lib/http/define-route";
import { lineStream } from "@/lib/http/line-stream";

export const GET = defineRoute(
  streamDepartmentsContract,
  async ({ actor, key, params: { appId }, signal, confirm }) => {
    const { batches, release } = await openStream(
      { organizationId: key.organizationId, id: key.keyId, confirm },
      streamDepartments(actor, appId),
    );
    return lineStream(batches, { signal, release });
  },
);
