import { listSubDepartments } from "@/lib/dingtalk/departments";
import { Redacted } from "@/lib/redacted";
import { ourDingtalk } from "@/lib/upstream/dingtalk-connections";

/** A process that calls one API of one app as often as the shared limiter allows, until it is ended. */
const AT_ONCE = 8;

const token = new Redacted("token-of-bench");
const caller = {
  appKey: "dingbenchlimiter0000",
  token: { current: async () => token, replace: async () => token },
};
const dingtalk = ourDingtalk();

async function keepCalling(): Promise<never> {
  for (;;) await listSubDepartments(dingtalk, caller, { departmentId: "1" });
}

process.stdout.write("calling\n");
await Promise.all(Array.from({ length: AT_ONCE }, keepCalling));
