"""DingTalk's tutorial: a token, then the departments. Host, AppKey and secret are the program's arguments."""

import json
import sys
from urllib.parse import urlencode
from urllib.request import urlopen

host, app_key, app_secret = sys.argv[1:]


def get(path, **query):
    with urlopen(f"{host}/{path}?{urlencode(query)}") as response:
        answer = json.load(response)
    if answer["errcode"] != 0:
        raise SystemExit(f"{path}: {answer['errcode']} {answer['errmsg']}")
    return answer


token = get("gettoken", appkey=app_key, appsecret=app_secret)["access_token"]
departments = get("department/list", access_token=token)["department"]
print(json.dumps([department["name"] for department in departments], ensure_ascii=False))
