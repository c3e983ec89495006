"""Mailboxes, threads, messages and who has read what."""

from typing import Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

PLATFORM = "platform"
BODY_MAX_CHARS = 20_000
SUBJECT_MAX_CHARS = 200
SEARCH_MAX_WORDS = 8


class Mailbox(models.Model):
    """The platform has one, each white-label has one."""

    key = models.CharField(max_length=64, unique=True, help_text='"platform", or whose it is')
    name = models.CharField(max_length=100)

    class Meta:
        verbose_name_plural = "mailboxes"

    def __str__(self) -> str:
        return self.name

    @classmethod
    def platform(cls) -> "Mailbox":
        return cls.objects.get_or_create(key=PLATFORM, defaults={"name": "Platform"})[0]


class ThreadQuerySet(models.QuerySet["Thread"]):
    def of(self, mailbox: Mailbox) -> Self:
        """Threads that `mailbox` is one end of."""
        return self.filter(models.Q(opened_by=mailbox) | models.Q(opened_with=mailbox))

    def in_inbox(self, mailbox: Mailbox) -> Self:
        return self.of(mailbox).exclude(archived_in=mailbox)

    def archived(self, mailbox: Mailbox) -> Self:
        return self.of(mailbox).filter(archived_in=mailbox)

    def with_unread(self, mailbox: Mailbox, person: models.Model) -> Self:
        """Annotate `heard_from`: whether the other side wrote, and `unread`: whether since `person` last read."""
        heard = Message.objects.heard_by(mailbox).filter(thread=models.OuterRef("pk"))
        read_until = ReadMark.objects.filter(thread=models.OuterRef("thread"), person=person.pk).values("until")[:1]
        newer = heard.annotate(read_until=models.Subquery(read_until)).filter(
            models.Q(read_until=None) | models.Q(at__gt=models.F("read_until"))
        )
        return self.annotate(unread=models.Exists(newer), heard_from=models.Exists(heard))

    def count_unread(self, mailbox: Mailbox, person: models.Model) -> int:
        """Return in how many there is something that `person` has not read.

        The messages are looked at of those threads alone that were written in since.
        """
        read = ReadMark.objects.filter(thread=models.OuterRef("pk"), person=person.pk)
        touched = self.filter(~models.Exists(read.filter(until__gte=models.OuterRef("latest_at"))))
        return touched.with_unread(mailbox, person).filter(models.Q(unread=True)).count()

    def with_latest(self) -> Self:
        """Annotate `latest_body` and `latest_sender`, the mailbox id, of the newest message."""
        newest = Message.objects.filter(thread=models.OuterRef("pk")).order_by("-at", "-id")
        return self.annotate(
            latest_body=models.Subquery(newest.values("body")[:1]),
            latest_sender=models.Subquery(newest.values("sender")[:1]),
        )

    def search(self, words: str) -> Self:
        """Threads in whose subject or messages every one of `words` occurs; of very many words only the first."""
        threads = self
        for word in words.replace("\x00", " ").split()[:SEARCH_MAX_WORDS]:
            hit = Message.objects.filter(thread=models.OuterRef("pk"), body__icontains=word)
            threads = threads.filter(models.Q(subject__icontains=word) | models.Exists(hit))
        return threads


class Thread(models.Model):
    """A conversation between two mailboxes, possibly about something both sides have a page for."""

    subject = models.CharField(max_length=SUBJECT_MAX_CHARS)
    opened_by = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="+")
    opened_with = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="+")
    about_type = models.ForeignKey(ContentType, null=True, blank=True, on_delete=models.SET_NULL)
    about_id = models.CharField(max_length=64, blank=True)
    about = GenericForeignKey("about_type", "about_id")
    latest_at = models.DateTimeField(default=timezone.now, db_index=True)
    archived_in = models.ManyToManyField(Mailbox, blank=True, related_name="+")

    objects = ThreadQuerySet.as_manager()

    class Meta:
        ordering = ["-latest_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(opened_by=models.F("opened_with")), name="inbox_thread_has_two_ends"
            )
        ]

    def __str__(self) -> str:
        return self.subject

    def other_end(self, mailbox: Mailbox) -> Mailbox:
        return self.opened_with if mailbox == self.opened_by else self.opened_by

    def archive(self, mailbox: Mailbox) -> None:
        """Put it away on the side of `mailbox` until somebody writes again."""
        self.archived_in.add(mailbox)

    def unarchive(self, mailbox: Mailbox) -> None:
        self.archived_in.remove(mailbox)

    def mark_read(self, person: models.Model) -> None:
        ReadMark.objects.update_or_create(thread=self, person_id=person.pk, defaults={"until": timezone.now()})

    def mark_unread(self, person: models.Model) -> None:
        ReadMark.objects.filter(thread=self, person=person.pk).delete()


class MessageQuerySet(models.QuerySet["Message"]):
    def heard_by(self, mailbox: Mailbox) -> Self:
        """What is news to this end: what the other wrote, and what no person wrote but the product itself."""
        return self.exclude(sender=mailbox, author__isnull=False)


class Message(models.Model):
    """Plain text from one end of a thread; never changed once written."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="messages")
    sender = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    body = models.TextField(max_length=BODY_MAX_CHARS)
    at = models.DateTimeField(default=timezone.now)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.sender}, {self.at:%Y-%m-%d %H:%M}"


class ReadMark(models.Model):
    """Until when a person has read a thread; no mark means never."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "person"], name="inbox_one_mark_per_person")]

    def __str__(self) -> str:
        return f"{self.thread} read until {self.until:%Y-%m-%d %H:%M}"
