"""How much of the door is left to others."""

from gateway.smtp.limits import Room


def test_one_application_leaves_as_much_room_as_it_takes() -> None:
    room = Room(100)
    while not room.is_full_for("slow"):
        room.take("slow", 10)
    assert not room.is_full_for("other")
    room.take("other", 20)
    assert not room.is_full_for("other")


def test_room_that_is_given_back_is_free_again() -> None:
    room = Room(100)
    room.take("shop", 50)
    assert room.is_full_for("shop")
    room.give_back("shop", 50)
    assert room == Room(100)


def test_all_together_never_take_more_than_there_is() -> None:
    room = Room(100)
    for number in range(1000):
        while not room.is_full_for(number):
            room.take(number, 1)
    assert room.is_full_for("next")
