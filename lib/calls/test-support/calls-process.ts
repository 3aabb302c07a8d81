import type { AppRef } from "@/lib/app-ref";
import { closeDatabase } from "@/lib/db/connection-pools";
import { onStop } from "@/server/shutdown";
import { recordCall, writeRecordedCalls } from "../record-call";
import { makeCall } from "./make-call";

// Records calls as a server does, and stops as a server does.
const [app = "{}", calls = "0"] = process.argv.slice(2);
onStop([writeRecordedCalls, closeDatabase]);
for (let call = 0; call < Number(calls); call++) recordCall(makeCall(JSON.parse(app) as AppRef));
process.stdout.write("recorded\n");
setInterval(() => {}, 1_000);
