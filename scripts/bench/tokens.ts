import type { DingtalkCaller } from "@/lib/dingtalk/call";
import { makeApp } from "@/lib/testing/factories";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { makeTokenService } from "@/lib/tokens/renewal/token-service";
import { makeTestDingtalk } from "@/lib/tokens/test-support/test-dingtalk";
import { control, startSimulatorProcess } from "../simulator-process";
import { durationText, median, ratioText } from "./measuring/report";
import type { Measured, Part } from "./measuring/run-parts";
import { medianTimeOf, timeOf } from "./measuring/timing";

const READERS = 200;
const GOES = 20;
const PAIR = { appKey: "dingbenchtokens00000", appSecret: "secret-of-bench-tokens" };

const readTogether = ({ token }: DingtalkCaller, readers: number) =>
  Promise.all(Array.from({ length: readers }, () => token.current()));

async function measure(url: string) {
  const service = makeTokenService(makeTestDingtalk(url));
  const asked = async () =>
    (await control<{ total: number }>(url, "GET calls?path=v1.0/oauth2/accessToken&callsMax=0")).total;
  /**
   * Measures `readers` of an app without a token.
   *
   * @returns the median time and the number of calls
   */
  const cold = async (readers: number) => {
    const before = await asked();
    const times: number[] = [];
    for (let go = 0; go < GOES; go += 1) {
      const app = await makeApp(PAIR);
      const caller = await callerOf(app, app.appId, service);
      times.push(await timeOf(() => readTogether(caller, readers)));
    }
    return { ms: median(times), calls: ((await asked()) - before) / GOES };
  };
  const app = await makeApp(PAIR);
  const caller = await callerOf(app, app.appId, service);
  await readTogether(caller, 1);
  const before = await asked();
  const live = {
    one: await medianTimeOf(1_000, () => readTogether(caller, 1)),
    many: await medianTimeOf(1_000, () => readTogether(caller, READERS)),
    calls: (await asked()) - before,
  };
  return { live, coldOne: await cold(1), coldMany: await cold(READERS) };
}

async function run(): Promise<Measured> {
  const simulator = await startSimulatorProcess({ size: "small", seed: "1", ...PAIR });
  try {
    const { live, coldOne, coldMany } = await measure(simulator.url);
    const failures = [
      ...(live.calls > 0 ? [`a live token was asked for ${live.calls} times`] : []),
      ...(coldMany.calls === 1 ? [] : [`${READERS} readers made ${coldMany.calls} calls`]),
    ];
    return {
      failures,
      section: {
        title: "Tokens",
        about: `${READERS} simultaneous readers of one app's token in one process, beside a single one. The simulated DingTalk answers at once.`,
        head: ["", "calls to DingTalk", "time", "ratio"],
        rows: [
          ["a live token, one reader", "0", durationText(live.one), ratioText(1, 1)],
          [
            `a live token, ${READERS} readers`,
            String(live.calls),
            durationText(live.many),
            ratioText(live.many, live.one),
          ],
          [`… per reader`, "", durationText(live.many / READERS), ratioText(live.many / READERS, live.one)],
          [
            "no token yet, one reader: a renewal",
            String(coldOne.calls),
            durationText(coldOne.ms),
            ratioText(1, 1),
          ],
          [
            `no token yet, ${READERS} readers`,
            String(coldMany.calls),
            durationText(coldMany.ms),
            ratioText(coldMany.ms, coldOne.ms),
          ],
        ],
      },
    };
  } finally {
    await simulator.stop();
  }
}

/** Measures the cost of reading tokens. */
export const tokens: Part = { name: "tokens", run };
