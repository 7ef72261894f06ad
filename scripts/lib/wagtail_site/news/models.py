"""A page type as a site's developers would add it, with columns of many types."""
import uuid

from django.db import models
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail import blocks
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Orderable, Page


class ArticleTag(TaggedItemBase):
    content_object = ParentalKey("news.Article", related_name="tagged_items", on_delete=models.CASCADE)


class Article(Page):
    class Mood(models.TextChoices):
        CALM = "calm", "Calm"
        URGENT = "urgent", "Urgent"

    reference = models.UUIDField(default=uuid.uuid4, unique=True)
    published_on = models.DateField()
    doors_open = models.TimeField(null=True, blank=True)
    reading_time = models.DurationField(null=True, blank=True)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    rating = models.FloatField(null=True, blank=True)
    mood = models.CharField(max_length=10, choices=Mood.choices, default=Mood.CALM)
    intro = models.CharField(max_length=250)
    body = RichTextField(blank=True)
    parts = StreamField([("heading", blocks.CharBlock()), ("text", blocks.RichTextBlock())],
                        blank=True, use_json_field=True)
    facts = models.JSONField(null=True, blank=True)
    checksum = models.BinaryField(null=True, blank=True)
    lead_image = models.ForeignKey("wagtailimages.Image", null=True, blank=True,
                                   on_delete=models.SET_NULL, related_name="+")
    tags = ClusterTaggableManager(through=ArticleTag, blank=True)


class ArticleLink(Orderable):
    article = ParentalKey(Article, on_delete=models.CASCADE, related_name="links")
    title = models.CharField(max_length=255)
    url = models.URLField()
