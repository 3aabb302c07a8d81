import { expectNoViolations } from "./support/axe";
import { openDirectory, people, row, rows, search, status } from "./support/directory-page";
import { expect, makePerson, test } from "./support/fixtures";
import { companyOf, plantDirectory, plantPeople } from "./support/plant-directory";
import { plantPerson } from "./support/plant-person";

/** Longer than the delay between typing and searching. */
const PAUSE_MS = 300;

test("a search shows only matching paths, highlights matches, and restores the tree when it is cleared", async ({
  page,
}) => {
  const company = companyOf(2_000);
  const app = await plantDirectory(await plantPerson(page, makePerson()), [
    ...company,
    { id: 7, parent: 90_000_013, name: "100% 华东_特区" },
  ]);
  await openDirectory(page, app);
  await row(page, 90_000_002).locator("[data-chevron]").click();
  await expect(row(page, 90_000_002)).toHaveAttribute("aria-expanded", "true");
  await expect(page.locator('[aria-level="3"]')).toHaveCount(10);
  const before = await rows(page).allTextContents();

  await row(page, 90_000_002).press("/");
  await expect(search(page)).toBeFocused();
  await page.keyboard.type("0% 华东_");
  await expect(status(page)).toHaveText("1 department found");
  await expect(rows(page)).toHaveText(["某某集团", /90000001/, /90000013/, "100% 华东_特区"]);
  await expect(row(page, 7).locator("mark")).toHaveText("0% 华东_");
  await expectNoViolations(page);
  await page.keyboard.press("ArrowDown");
  await expect(row(page, 7)).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(search(page)).toBeFocused();
  await expect(search(page)).toHaveValue("");
  await expect(rows(page)).toHaveText(before);

  await search(page).fill("90000013");
  await expect(rows(page).last()).toHaveAttribute("data-key", "90000013");
  await row(page, 90_000_013).click();
  await search(page).press("Escape");
  await expect(row(page, 90_000_001), "the path to the selected row stays expanded").toHaveAttribute(
    "aria-expanded",
    "true",
  );
  await expect(row(page, 90_000_013)).toHaveAttribute("aria-selected", "true");

  await search(page).fill("部");
  await expect(status(page)).toHaveText(/^200\+ departments found\. The first 200/);
  await search(page).fill("no such department");
  await expect(page.getByText("No matching department")).toHaveCount(2);
  await expect(page.getByRole("tree")).toHaveCount(0);
  await expectNoViolations(page);
  await page.getByRole("button", { name: "Clear the search" }).click();
  await expect(row(page, 1)).toBeVisible();
});

test("departments and members are found by pinyin, initials and id with the keyboard", async ({ page }) => {
  const app = await plantDirectory(await plantPerson(page, makePerson()), [
    { id: 1, name: "某某集团" },
    { id: 2, parent: 1, name: "华东销售部" },
    { id: 3, parent: 1, name: "旧销售部", isRemoved: true },
    { id: 4, parent: 1, name: "财务部" },
  ]);
  await plantPeople(app, [
    { id: "manager42", name: "单雄信", departments: [2, 4], title: "销售经理", jobNumber: "J-007" },
    { id: "u2", name: "项尚", departments: [4] },
  ]);
  await openDirectory(page, app);
  for (const [typed, said] of [
    ["xiaoshou", "1 department found"],
    ["xs", "1 department and 1 member found"],
    ["shan xiong", "1 member found"],
    ["MANAGER42", "1 member found"],
    ["j-007", "1 member found"],
    ["集团/cwb/项", "1 member found"],
    ["4", "1 department found"],
  ] as const) {
    await search(page).fill(typed);
    await expect(status(page)).toHaveText(said);
  }

  await search(page).fill("xs");
  await expect(people(page)).toHaveText([/项尚/]);
  await expect(people(page).first()).toContainText("某某集团 › 财务部");
  await expect(row(page, 2)).toBeVisible();
  await expectNoViolations(page);
  await search(page).press("ArrowDown");
  await expect(people(page).first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 2, name: "项尚" })).toBeVisible();
  expect(new URL(page.url()).searchParams.get("member")).toBe("u2");
  await expect(people(page).first()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 2, name: "项尚" })).toBeFocused();
  await people(page).first().press("F6");
  await expect(page.getByRole("heading", { level: 2, name: "项尚" })).toBeFocused();
  await people(page).first().press("ArrowDown");
  await expect(row(page, 2)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 2, name: "华东销售部" })).toBeVisible();
  expect(new URL(page.url()).searchParams.get("member")).toBeNull();
  await page.keyboard.press("Escape");
  await expect(search(page)).toHaveValue("");
  await expect(people(page)).toHaveCount(0);

  await search(page).fill("旧");
  await expect(status(page)).toHaveText("No matching department or member");
  await expectNoViolations(page);
  await page.getByRole("button", { name: "Include removed" }).click();
  await expect(status(page)).toHaveText("1 department found");
  await expect(row(page, 3)).toContainText("Removed");
  await search(page).fill("旧旧");
  await expect(status(page)).toHaveText("No matching department or member");
});

test("a search starts only after the input method commits", async ({ page }) => {
  const app = await plantDirectory(await plantPerson(page, makePerson()), companyOf(50));
  await openDirectory(page, app);
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/directory/search"))
      asked.push(new URL(request.url()).searchParams.get("q") ?? "");
  });
  // The page's clock advances only on command, past the delay of a search.
  await page.clock.install();
  await search(page).focus();
  const client = await page.context().newCDPSession(page);
  for (const text of ["x", "xi", "xiao"]) {
    await client.send("Input.imeSetComposition", {
      text,
      selectionStart: text.length,
      selectionEnd: text.length,
    });
    await expect(search(page)).toHaveValue(text);
    await page.clock.runFor(PAUSE_MS);
  }
  expect(asked).toEqual([]);
  await client.send("Input.insertText", { text: "销售" });
  await page.clock.runFor(PAUSE_MS);
  await expect(status(page)).toHaveText(/departments found/);
  expect(asked).toEqual(["销售"]);
});

test("a reload keeps the tree's expanded rows, the selection and the search", async ({ page }) => {
  const app = await plantDirectory(await plantPerson(page, makePerson()), companyOf(3_000));
  await openDirectory(page, app);
  for (const id of [90_000_003, 90_000_002]) await row(page, id).locator("[data-chevron]").click();
  await expect(row(page, 90_000_002)).toHaveAttribute("aria-expanded", "true");
  // Rows that load later would move the others away from the pointer.
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  await page.locator('[aria-level="3"][aria-expanded]').first().locator("[data-chevron]").click();
  await expect(page.locator('[aria-level="4"]')).not.toHaveCount(0);
  await page.locator('[aria-level="4"]').first().click();
  await expect(page.getByRole("heading", { level: 2 })).toBeVisible();
  const opened = () =>
    page
      .locator('[aria-expanded="true"]')
      .evaluateAll((all) => all.map((one) => one.getAttribute("data-key")));
  const [before, address] = [await opened(), page.url()];
  await page.reload();
  await expect.poll(opened).toEqual(before);
  await expect(page.getByRole("treeitem", { selected: true })).toBeInViewport();
  await expect(page.getByRole("heading", { level: 2 })).toBeVisible();
  expect(page.url()).toBe(address);

  await search(page).fill("90000020");
  await expect(status(page)).toHaveText("1 department found");
  await page.reload();
  await expect(search(page)).toHaveValue("90000020");
  await expect(status(page)).toHaveText("1 department found");
});
