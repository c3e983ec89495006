"""POST a message: 200 once its row is committed."""

import hashlib
import json
from hmac import compare_digest

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from benchmarks.bare.models import Key, Message

PREFIX_CHARS = 20


def send(request: HttpRequest) -> HttpResponse:
    secret = request.headers.get("Authorization", "").removeprefix("Bearer ")
    key = Key._default_manager.filter(prefix=secret[:PREFIX_CHARS]).first()
    if key is None or not compare_digest(key.sha256, hashlib.sha256(secret.encode()).hexdigest()):
        return JsonResponse({"message": "The key is not valid."}, status=403)
    message = json.loads(request.body)
    row = Message(key=key, recipient=message["to"], subject=message["subject"], content=request.body)
    row.save(force_insert=True)
    return JsonResponse({"id": row.pk})


urlpatterns = [path("emails", send)]
