// Workbooks of Excel as journeys write, read and change them: a zip of parts in XML.
import { inflateRawSync } from "node:zlib";
import { crc } from "./picture.mjs";

export const MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const TEXTS = "xl/sharedStrings.xml";
const [FILE, ENTRY, END] = ["PK\x03\x04", "PK\x01\x02", "PK\x05\x06"].map((sign) => Buffer.from(sign, "latin1"));

// Name and content of every part, in order; of any other zip, too.
export function parts(book) {
  const end = book.lastIndexOf(END);
  let at = book.readUInt32LE(end + 16);
  return Array.from({ length: book.readUInt16LE(end + 10) }, () => {
    const [size, head] = [book.readUInt32LE(at + 20), book.readUInt32LE(at + 42)];
    const [name, ...behind] = [28, 30, 32].map((field) => book.readUInt16LE(at + field));
    const title = book.toString("utf8", at + 46, at + 46 + name);
    const from = head + 30 + book.readUInt16LE(head + 26) + book.readUInt16LE(head + 28);
    const content = book.subarray(from, from + size);
    const deflated = book.readUInt16LE(at + 10) === 8;
    at += 46 + name + behind[0] + behind[1];
    return [title, deflated ? inflateRawSync(content) : content];
  });
}

// The parts as a file, as they are: nothing is made small.
function packed(all) {
  const [files, entries] = [[], []];
  let at = 0;
  for (const [name, content] of all) {
    const title = Buffer.from(name);
    // What both heads tell: version, day, sum, sizes, length of the name.
    const told = Buffer.alloc(26);
    told.writeUInt16LE(20, 0);
    told.writeUInt16LE(0x21, 8);
    told.writeUInt32LE(crc(content), 10);
    told.writeUInt32LE(content.length, 14);
    told.writeUInt32LE(content.length, 18);
    told.writeUInt16LE(title.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    files.push(FILE, told, title, content);
    entries.push(ENTRY, Buffer.from([20, 0]), told, rest, title);
    at += 30 + title.length + content.length;
  }
  const list = Buffer.concat(entries);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(all.length, 4);
  end.writeUInt16LE(all.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...files, list, END, end]);
}

// A workbook of one sheet: rows of texts and numbers.
export function workbook(sheet, rows) {
  const [office, relations] = ["http://schemas.openxmlformats.org/officeDocument/2006/relationships", "http://schemas.openxmlformats.org/package/2006/relationships"];
  const [main, types] = ["http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://schemas.openxmlformats.org/package/2006/content-types"];
  const cell = (value, at) => (typeof value === "number" ? `<c r="${at}"><v>${value}</v></c>` : `<c r="${at}" t="inlineStr"><is><t>${value}</t></is></c>`);
  const row = (cells, i) => `<row r="${i + 1}">${cells.map((value, c) => cell(value, `${"ABCDEFGH"[c]}${i + 1}`)).join("")}</row>`;
  const relation = (type, target) => `<Relationships xmlns="${relations}"><Relationship Id="rId1" Type="${office}/${type}" Target="${target}"/></Relationships>`;
  const kind = (part, type) => `<Override PartName="/xl/${part}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${type}+xml"/>`;
  const all = {
    "[Content_Types].xml": `<Types xmlns="${types}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>${kind("workbook", "sheet.main")}${kind("worksheets/sheet1", "worksheet")}</Types>`,
    "_rels/.rels": relation("officeDocument", "xl/workbook.xml"),
    "xl/_rels/workbook.xml.rels": relation("worksheet", "worksheets/sheet1.xml"),
    "xl/workbook.xml": `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="${sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    "xl/worksheets/sheet1.xml": `<worksheet xmlns="${main}"><sheetData>${rows.map(row).join("")}</sheetData></worksheet>`,
  };
  return packed(Object.entries(all).map(([name, xml]) => [name, Buffer.from(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${xml}`)]));
}

// Every text that stands in a cell of the workbook, once.
export function cellTexts(book) {
  const [, xml] = parts(book).find(([name]) => name === TEXTS);
  return Array.from(xml.toString("utf8").matchAll(/<t[^>]*>([^<]*)<\/t>/g), ([, text]) => text);
}

// The workbook with other texts in its cells, as somebody leaves it who wrote into it: { before: after }.
export function rewritten(book, texts) {
  return packed(parts(book).map(([name, content]) => {
    if (name !== TEXTS) return [name, content];
    const xml = Object.entries(texts).reduce((xml, [before, after]) => {
      if (!xml.includes(`>${before}</t>`)) throw new Error(`no cell says 「${before}」`);
      return xml.replace(`>${before}</t>`, `>${after}</t>`);
    }, content.toString("utf8"));
    return [name, Buffer.from(xml)];
  }));
}
