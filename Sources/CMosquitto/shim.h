// libmosquitto as Debian's libmosquitto-dev installs it, with the constants of MQTT v5.
#pragma once
#include <mosquitto.h>
#include <mqtt_protocol.h>
