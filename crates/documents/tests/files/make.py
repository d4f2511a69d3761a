"""Makes the documents that the tests read. Needs python-docx, python-pptx, openpyxl, pypdf and LibreOffice."""
import datetime, gzip, os, subprocess, zipfile
from docx import Document
from docx.enum.text import WD_BREAK
from openpyxl import Workbook
from pptx import Presentation
from pptx.util import Inches
from pypdf import PdfReader, PdfWriter

folder = os.path.dirname(os.path.abspath(__file__))
at = lambda name: os.path.join(folder, name)

word = Document()
word.core_properties.title, word.core_properties.author = "The library", "A librarian"
word.add_heading("The library", 1)
word.add_paragraph("Opens at nine. Größe: 200 m².")
table = word.add_table(rows=1, cols=2)
table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Room", "Seats"
paragraph = word.add_paragraph("Before the break")
paragraph.add_run().add_break(WD_BREAK.PAGE)
word.add_paragraph("On the second page:\ttab")
word.save(at("library.docx"))

slides = Presentation()
first = slides.slides.add_slide(slides.slide_layouts[1])
first.shapes.title.text, first.placeholders[1].text = "Welcome", "Opens at nine\nCloses at five"
first.notes_slide.notes_text_frame.text = "Smile"
second = slides.slides.add_slide(slides.slide_layouts[6])
second.shapes.add_textbox(Inches(1), Inches(1), Inches(3), Inches(1)).text_frame.text = "A box of text"
slides.save(at("library.pptx"))

book = Workbook()
rooms = book.active
rooms.title = "Rooms"
for row in [["Name", "Seats", "Open", "Since", None], ["Reading room", 40, True, datetime.date(1998, 5, 4), "x"], [], ["Map room", 2.5, False, datetime.datetime(2020, 1, 2, 3, 4, 5)]]:
    rooms.append(row)
book.create_sheet("Empty")
other = book.create_sheet("Other")
other["C3"], other["D3"], other["C5"] = "a", "a", "only"
book.save(at("library.xlsx"))

def convert(source, ending):
    subprocess.run(["soffice", "--headless", "--convert-to", ending, "--outdir", folder, at(source)], check=True, stdout=subprocess.DEVNULL)

for source, ending in [("library.docx", "doc"), ("library.pptx", "ppt"), ("library.xlsx", "xls"), ("library.docx", "pdf")]:
    convert(source, ending)
# An old presentation is mostly zeros.
with open(at("library.ppt"), "rb") as whole, gzip.open(at("library.ppt.gz"), "wb") as packed:
    packed.write(whole.read())
os.remove(at("library.ppt"))
for name, user in [("locked.pdf", "secret"), ("print_only.pdf", "")]:
    writer = PdfWriter(clone_from=PdfReader(at("library.pdf")))
    writer.encrypt(user, "owner", algorithm="RC4-128")
    writer.write(at(name))

with zipfile.ZipFile(at("library.epub"), "w", zipfile.ZIP_DEFLATED) as book:
    page = "<html xmlns='http://www.w3.org/1999/xhtml'><body><h1>{0}</h1><p>{1}</p></body></html>"
    for name, content in {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": "<container><rootfiles><rootfile full-path='book.opf'/></rootfiles></container>",
        "book.opf": "<package><manifest><item id='nav' href='nav.xhtml' properties='nav'/><item id='a' href='a.xhtml'/><item id='b' href='b.xhtml'/></manifest><spine><itemref idref='a'/><itemref idref='b'/></spine></package>",
        "nav.xhtml": "<html><body><nav><ol><li><a href='a.xhtml'>One</a></li></ol></nav></body></html>",
        "a.xhtml": page.format("Chapter one", "Opens at nine."),
        "b.xhtml": page.format("Chapter two", "Closes at five."),
    }.items():
        book.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content)
