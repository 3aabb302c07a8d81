import { createHash } from "node:crypto";

/** Parts of names in a large company, for JavaScript and SQL. Names repeat, as in real companies. */
export const AREAS = "华东,华北,华南,西南,西北,东北,华中,海外".split(",");
export const WORK = "销售,研发,财务,人力资源,客户成功,供应链,法务,市场,质量,行政".split(",");
export const UNITS = "中心,一部,二部,三部,大区,小组,事业部".split(",");
export const SURNAMES = "王,李,张,刘,陈,杨,赵,黄,周,吴,徐,孙,胡,朱,高,林,何,郭,马,罗,单,曾,欧阳,诸葛".split(
  ",",
);
export const GIVEN = Array.from("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国重行长晓雪子涵宇轩梓浩");

/** Returns a generator of numbers from 0 up to 1, always the same ones for the same seed. */
export function seeded(seed: number): () => number {
  let count = 0;
  return () => createHash("sha256").update(`${seed} ${count++}`).digest().readUInt32BE() / 2 ** 32;
}
