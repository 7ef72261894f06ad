"""Fills the site through its own code; imported in `manage.py shell`."""
import datetime as dt
from decimal import Decimal
from io import BytesIO

from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image as Picture
from news.models import Article, ArticleLink
from wagtail.contrib.forms.models import FormSubmission
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents.models import Document
from wagtail.embeds.models import Embed
from wagtail.images.models import Image
from wagtail.models import Collection, Comment, CommentReply, Locale, PageViewRestriction, Site, Workflow
from wagtail.users.models import UserProfile

people = get_user_model().objects
editor = people.create_superuser("mara", "mara@example.com", "not-used-anywhere", first_name="Mara", last_name="Lindt")
people.create_user("o'neil", "oneil@example.com", last_name="O'Neil <b>").groups.add(Group.objects.get(name="Editors"))

pixels = BytesIO()
Picture.new("RGB", (320, 200), (36, 99, 155)).save(pixels, "PNG")
collection = Collection.get_first_root_node().add_child(name="Harbour")
image = Image.objects.create(title="The harbour at noon", file=ContentFile(pixels.getvalue(), "harbour.png"),
                             collection=collection, uploaded_by_user=editor)
image.get_rendition("fill-100x100")
Document.objects.create(title="Timetable", file=ContentFile(b"ferry,07:15\n", "timetable.csv"), uploaded_by_user=editor)

site = Site.objects.get(is_default_site=True)
home = site.root_page.specific
home.title = "Harbour news"
home.save_revision(user=editor).publish()

TITLES = ["A new ferry for the islands", "Grüße aus dem Hafen – 日本語 too", "100% of berths taken",
          "Tom & \"Jerry\" <script>alert(1)</script>", "Low tide", "The lighthouse turns one hundred"]
for i, title in enumerate(TITLES):
    page = home.add_child(instance=Article(
        title=title, slug=f"article-{i}", owner=editor, intro=f"What happened at the harbour, part {i + 1}.",
        published_on=dt.date(2026, 1 + i, 3), doors_open=dt.time(9, 30) if i % 2 else None,
        reading_time=dt.timedelta(minutes=4 + i, seconds=30), price=Decimal("12.50") * i if i else None,
        rating=4.5 if i % 2 else None, mood="urgent" if i == 2 else "calm",
        body=f"<p>Paragraph one of <b>{i}</b>.</p>" + "<p>And on it goes.</p>" * 40,
        parts=[("heading", "Why now"), ("text", "<p>Because of the tide.</p>")],
        facts={"boats": i, "names": ["Ada", "Grace"], "deep": {"null": None}} if i else None,
        checksum=bytes([0, 255, i]) if i % 2 else None, lead_image=image if i < 3 else None))
    page.tags.add("harbour", "ferries" if i % 2 else "tides")
    page.links.add(ArticleLink(title="Source", url="https://example.com/?a=1&b=2"))
    revision = page.save_revision(user=editor, log_action=True)
    if title == "Low tide":
        page.unpublish(user=editor)
    else:
        revision.publish(user=editor)

Comment.objects.create(page=page.page_ptr, user=editor, text="Check the year, please.", contentpath="intro")
Redirect.add_redirect("/old-news", redirect_to=page)
Locale.objects.create(language_code="de")

# rows that a site collects while it is used, so that fewer tables are empty
Client().force_login(editor)
UserProfile.get_for_user(editor)
LogEntry.objects.create(user=editor, content_type=ContentType.objects.get_for_model(Article), object_id=str(page.pk),
                        object_repr=page.title, action_flag=2, change_message='[{"changed": {"fields": ["Title"]}}]')
restriction = PageViewRestriction.objects.create(page=page.page_ptr, restriction_type="groups")
restriction.groups.add(Group.objects.get(name="Editors"))
FormSubmission.objects.create(page=page.page_ptr, form_data={"name": "Ada", "berths": 2})
Embed.objects.create(url="https://example.com/film", hash="0" * 32, type="video", html="<iframe></iframe>")
Workflow.objects.first().start(page, editor)
CommentReply.objects.create(comment=Comment.objects.first(), user=editor, text="Done.")
print("articles:", Article.objects.count(), "live:", Article.objects.live().count())
