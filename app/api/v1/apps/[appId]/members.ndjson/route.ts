import { memberLines } from "@/lib/api/answer-members";
import { streamMembersContract } from "@/lib/api/members";
import { openStream } from "@/lib/directory/stream-limit";
import { defineRoute } from "@/lib/http/define-route";
import { lineStream } from "@/lib/http/line-stream";

export const GET = defineRoute(streamMembersContract, async ({ signal, confirm, ...call }) => {
  const { batches, release } = await openStream(
    { organizationId: call.key.organizationId, id: call.key.keyId, confirm },
    memberLines(call),
  );
  return lineStream(batches, { signal, release });
});
